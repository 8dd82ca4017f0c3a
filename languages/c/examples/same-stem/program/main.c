#include <stdio.h>

const char *left(void), *right(void);

int main(void)
{
    printf("%s %s\n", left(), right());
}
