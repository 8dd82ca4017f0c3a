import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A bit of all that programs are made of: what the compiler loads for it starts fast ever after. */
public final class Training {
    sealed interface Shape permits Circle, Square {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    enum Color { RED, GREEN }

    @FunctionalInterface
    interface Rule<T> {
        boolean holds(T value);
    }

    static class Box<T extends Comparable<T>> {
        private final List<T> items = new ArrayList<>();

        @SafeVarargs
        final Box<T> with(T... more) {
            items.addAll(Arrays.asList(more));
            return this;
        }

        Optional<T> largest() {
            return items.stream().max(Comparator.naturalOrder());
        }
    }

    static double area(Shape shape) {
        return switch (shape) {
            case Circle(double radius) -> Math.PI * radius * radius;
            case Square square when square.side() > 1 -> square.side() * square.side();
            case Square _ -> 1;
        };
    }

    public static void main(String[] args) throws Exception {
        Map<String, Integer> counts = new HashMap<>();
        for (String word : "a b a".split(" ")) {
            counts.merge(word, 1, Integer::sum);
        }
        Rule<Integer> even = number -> number % 2 == 0;
        Function<Integer, String> name = number -> "n" + number;
        Callable<Integer> task = new Callable<>() {
            @Override
            public Integer call() {
                return counts.getOrDefault("a", 0);
            }
        };
        String text = """
            %s %.1f %s
            """.formatted(Color.RED, area(new Square(2)), new Box<Integer>().with(1, 2).largest());
        try (Scanner scanner = new Scanner("1 2 x")) {
            int sum = 0;
            while (scanner.hasNextInt()) {
                sum += scanner.nextInt();
            }
            if (sum != 3 || task.call() != 2 || text.isBlank()) {
                throw new IllegalStateException("training");
            }
        } catch (IllegalStateException | ArithmeticException error) {
            error.printStackTrace();
        } finally {
            counts.clear();
        }
        int[][] table = new int[2][3];
        outer:
        for (int i = 0; i < table.length; i++) {
            do {
                table[i][0] += i > 0 ? 2 : 1;
                if (i == 1) {
                    break outer;
                }
            } while (table[i][0] < 2);
        }
        System.out.println(IntStream.range(0, 3).boxed().filter(even::holds).map(name)
                .collect(Collectors.joining(",")) + table.length + 'c' + 1L + 2.0f + (Object) null);
    }
}
