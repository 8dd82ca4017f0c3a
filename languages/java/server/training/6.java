package broken;

class Broken {
    public static void main(String[] args) {
        int number = "text";
        System.out.println(nothing)
    }
}
