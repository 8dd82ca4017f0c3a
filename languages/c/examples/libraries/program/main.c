#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void *root(void *number)
{
    double *value = number;
    *value = sqrt(*value);
    return nullptr;
}

int main(int argc, char *argv[])
{
    double value = argc > 1 ? atof(argv[1]) : 0;
    pthread_t thread;

    if (pthread_create(&thread, nullptr, root, &value) != 0)
        return 1;
    pthread_join(thread, nullptr);
    printf("%.4f from another thread\n", value);
}
