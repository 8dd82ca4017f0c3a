import java.util.Scanner;
import people.Person;

public final class Main {
    private static final int DECADE = 10;

    public static void main(String[] args) {
        int times = args.length > 0 ? Integer.parseInt(args[0]) : 1;
        Scanner in = new Scanner(System.in);
        System.out.print("What is your name? ");
        String name = in.nextLine();
        System.out.print("How old are you? ");
        Person person = new Person(name, in.nextInt());
        for (int i = 0; i < times; i++) {
            System.out.println(person.greeting());
        }
        System.out.printf("In %d years you will be %d.%n", DECADE, person.ageIn(DECADE));
    }
}
