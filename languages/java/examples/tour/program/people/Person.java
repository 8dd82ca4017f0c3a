package people;

public record Person(String name, int age) {
    public String greeting() {
        return "Hello, %s!".formatted(name);
    }

    public int ageIn(int years) {
        return age + years;
    }
}
