package shop.goods;

public sealed interface Shape {
    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    default double area() {
        return switch (this) {
            case Circle(var radius) -> Math.PI * radius * radius;
            case Square(var side) -> side * side;
        };
    }
}
