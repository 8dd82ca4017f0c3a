"""Programs that ask."""

from __future__ import annotations

# Each prompts twice, without a newline, and then greets.
ASKING = {
    "c": (
        "main.c",
        """
        #include <stdio.h>
        int main(void) {
            char name[99]; int age;
            printf("name? ");
            if (scanf("%98s", name) != 1) return 1;
            printf("age? ");
            if (scanf("%d", &age) != 1) return 1;
            printf("%s is %d\\n", name, age);
        }
        """,
    ),
    "python": ("main.py", "name = input('name? ')\nprint(f\"{name} is {input('age? ')}\")\n"),
    "java": (
        "Main.java",
        """
        import java.util.Scanner;
        class Main {
            public static void main(String[] args) {
                var in = new Scanner(System.in);
                System.out.print("name? ");
                var name = in.nextLine();
                System.out.print("age? ");
                System.out.println(name + " is " + in.nextLine());
            }
        }
        """,
    ),
    "rust": (
        "main.rs",
        """
        use std::io::{stdin, stdout, Write};
        fn ask(prompt: &str) -> String {
            print!("{prompt}");
            stdout().flush().unwrap();
            let mut line = String::new();
            stdin().read_line(&mut line).unwrap();
            line.trim().to_string()
        }
        fn main() {
            let name = ask("name? ");
            println!("{name} is {}", ask("age? "));
        }
        """,
    ),
    "julia": (
        "main.jl",
        """
        print("name? "); name = readline()
        print("age? "); age = readline()
        println("$name is $age")
        """,
    ),
}
POLLS = """
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <poll.h>
#include <unistd.h>
static void line(const char *how) {
    char text[99];
    ssize_t got = read(0, text, sizeof text);
    printf("%s %.*s", how, (int)got, text);
    fflush(stdout);
}
int main(void) {
    struct pollfd item = {0, POLLIN, 0};
    poll(&item, 1, -1);
    line("poll");
    fd_set set;
    FD_ZERO(&set);
    FD_SET(0, &set);
    select(1, &set, NULL, NULL, NULL);
    line("select");
    int epoll = epoll_create1(0);
    struct epoll_event event = {EPOLLIN, {.fd = 0}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event);
    epoll_wait(epoll, &event, 1, -1);
    line("epoll");
}
"""
