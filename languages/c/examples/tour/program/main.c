#include <stdio.h>
#include <stdlib.h>

#include "people/greet.h"

int main(int argc, char *argv[])
{
    char name[64];
    int age;

    printf("What is your name? ");
    if (scanf("%63s", name) != 1)
        return EXIT_FAILURE;
    printf("How old are you? ");
    if (scanf("%d", &age) != 1)
        return EXIT_FAILURE;
    greet(name, argc > 1 ? atoi(argv[1]) : 1);
    printf("In %d years you will be %d.\n", DECADE, age + DECADE);
}
