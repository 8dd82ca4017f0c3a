package shop.window;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import shop.goods.Shape;

public final class Display<T extends Shape> {
    private final List<T> items = new ArrayList<>();

    @SafeVarargs
    Display(T... items) {
        this.items.addAll(List.of(items));
    }

    T largestBy(ToDoubleFunction<? super T> measure) {
        return items.stream().max(Comparator.comparingDouble(measure)).orElseThrow();
    }

    public static void main(String... args) {
        var display = new Display<Shape>(new Shape.Circle(1), new Shape.Square(2));
        System.out.println(display.items);
        System.out.println("largest: " + display.largestBy(Shape::area));
    }
}
