#include <stdio.h>

int main(int argc, char *argv[])
{
    const char *größe = "größer";
    printf("%s ≥ 東京 🙂\n%d:", größe, argc - 1);
    for (int i = 1; i < argc; i++)
        printf(" [%s]", argv[i]);
    putchar('\n');
}
