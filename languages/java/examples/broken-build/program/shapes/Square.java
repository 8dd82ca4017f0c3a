package shapes;
public record Square(int side) {
    public int area() {
        return side * 1.5;
    }
}
