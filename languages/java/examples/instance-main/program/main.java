void main(String[] args) {
    String name = IO.readln("Who? ");
    IO.println("Hello, " + name + ": " + String.join(", ", args));
}
