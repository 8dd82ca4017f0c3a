import shapes.Square;

public class Main {
    public static void main(String[] args) {
        System.out.println(new Square(2).area());
    }
}
