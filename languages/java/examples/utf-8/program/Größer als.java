import java.util.stream.Collectors;
import java.util.stream.Stream;

class Größer {
    public static void main(String[] args) {
        String größe = "größer";
        System.out.println(größe + " ≥ 東京 🙂");
        System.out.println(args.length + ":"
                + Stream.of(args).map(arg -> " [" + arg + "]").collect(Collectors.joining()));
    }
}
