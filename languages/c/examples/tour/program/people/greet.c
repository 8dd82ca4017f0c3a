#include "greet.h"

#include <stdio.h>

void greet(const char *name, int times)
{
    for (int i = 0; i < times; i++)
        printf("Hello, %s!\n", name);
}
