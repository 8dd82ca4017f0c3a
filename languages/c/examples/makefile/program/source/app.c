#include <stdio.h>

int main(int argc, char *argv[])
{
    printf("%s: %s\n", GREETING, argv[argc - 1]);
}
