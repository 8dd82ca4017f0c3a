public class Library {
    static int answer() {
        return 42;
    }
}
