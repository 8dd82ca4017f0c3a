void main() {
    IO.println(IO.readln("? "));
    throw new IllegalStateException("on purpose");
}
