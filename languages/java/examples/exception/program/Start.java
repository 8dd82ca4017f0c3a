package app;

class Start {
    public static void main(String[] args) {
        throw new IllegalStateException("on purpose");
    }
}
