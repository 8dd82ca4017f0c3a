import java.awt.Point;
import static java.lang.Math.max;

int x = 41;
record Pair<A, B>(A first, B second) {}
sealed interface Shape permits Circle, Square {}
record Circle(double radius) implements Shape {}
record Square(double side) implements Shape {}
double area(Shape shape) {
    return switch (shape) {
        case Circle(var radius) -> Math.PI * radius * radius;
        case Square square -> square.side() * square.side();
    };
}
class Counter {
    private int count;
    int next() { return ++count; }
}
var counter = new Counter();
for (int i = 0; i < 3; i++) {
    System.out.println(counter.next());
}
List<Integer> numbers = new ArrayList<>(List.of(3, 1, 2));
Collections.sort(numbers);
Map<String, Integer> lengths = Stream.of("a", "bb").collect(Collectors.toMap(s -> s, String::length));
int square(int n) { return n * n; }
int square(int n) { return max(n, x) * n; }
try {
    square(1 / (x - 41));
} catch (ArithmeticException | IllegalStateException error) {
    error.printStackTrace();
} catch (Throwable other) {
    throw other;
} finally {
    x++;
}
if (x > 0) System.out.printf("%d %s%n", x, "größer");
System.out.println(String.join(",", lengths.keySet()) + area(new Square(2)));
new Pair<>(numbers, new int[] {1, 2})
