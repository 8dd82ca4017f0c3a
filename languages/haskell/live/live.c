// Preloaded into programs whose input a person types; in those of GHC's, Live.hs goes before main.
#define _GNU_SOURCE
#include <Rts.h>
#include <dlfcn.h>
#include <stdlib.h>

typedef int HsMain(int, char *[], StgClosure *, RtsConfig);

static StgClosure *program;

StgClosure *polykernel_program(void) { return program; }

int hs_main(int argc, char *argv[], StgClosure *main_closure, RtsConfig config)
{
    HsMain *next = (HsMain *)dlsym(RTLD_NEXT, "hs_main");
    void *live = dlopen("/opt/polykernel/haskell/live-haskell.so", RTLD_NOW | RTLD_GLOBAL);
    StgClosure *first = live ? dlsym(live, "Live_main_closure") : NULL;
    program = main_closure;
    exit(next(argc, argv, first ? first : main_closure, config));
}
