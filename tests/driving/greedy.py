"""One program for each language that begins, and then wants what its argument says."""

from __future__ import annotations

MIB = 1 << 20

FILES = {
    "c": {
        "main.c": r"""
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        static void spend(void) { for (volatile long n = 0;; n++) {} }
        static void hoard(void) {
            for (;;) { memset(malloc(1 << 20), 7, 1 << 20); usleep(500); }
        }
        static void multiply(void) {
            for (int n = 0; n < 50; n++) if (!fork()) { pause(); return; }
            pause();
        }
        static void write_file(void) {
            FILE *file = fopen("large", "w");
            for (int n = 0; n < 8 << 20; n++) fputc('x', file);
            if (fclose(file)) { perror("large"); exit(1); }
        }
        static void talk(void) {
            for (int n = 0; n < 100000; n++) printf("%09d\n", n);
        }
        int main(int argc, char **argv) {
            const char *what = argc > 1 ? argv[1] : "";
            puts("begun");
            fflush(stdout);
            if (!strcmp(what, "sleep")) sleep(600);
            if (!strcmp(what, "spend")) spend();
            if (!strcmp(what, "hoard")) hoard();
            if (!strcmp(what, "multiply")) multiply();
            if (!strcmp(what, "file")) write_file();
            if (!strcmp(what, "talk")) talk();
        }
        """
    },
    "python": {
        "main.py": """
import os, signal, sys, time
def spend():
    while True: pass
def hoard():
    held = []
    while True:
        held.append(b"x" * (1 << 20))
        time.sleep(0.0005)
def multiply():
    for n in range(50):
        if not os.fork(): signal.pause()
    signal.pause()
def file():
    with open("large", "wb") as target: target.write(b"x" * (8 << 20))
def talk():
    for n in range(100000): print(f"{n:09}")
def sleep():
    time.sleep(600)
print("begun", flush=True)
globals()[sys.argv[1]]()
"""
    },
    "java": {
        "Main.java": """
        import java.nio.file.*;
        import java.util.*;
        class Main {
            public static void main(String[] args) throws Exception {
                System.out.println("begun");
                switch (args[0]) {
                    case "sleep" -> Thread.sleep(600_000);
                    case "spend" -> { for (long n = 0; ; n++) {} }
                    case "hoard" -> hoard();
                    case "multiply" -> multiply();
                    case "file" -> Files.write(Path.of("large"), new byte[8 << 20]);
                    case "talk" -> talk();
                }
            }
            static void hoard() throws Exception {
                var held = new ArrayList<byte[]>();
                while (true) {
                    var block = new byte[1 << 20];
                    Arrays.fill(block, (byte) 7);
                    held.add(block);
                    Thread.sleep(1);
                }
            }
            static void multiply() throws Exception {
                for (int n = 0; n < 50; n++) new ProcessBuilder("sleep", "600").start();
                Thread.sleep(600_000);
            }
            static void talk() {
                var all = new StringBuilder();
                for (int n = 0; n < 100000; n++) all.append("%09d\\n".formatted(n));
                System.out.print(all);
            }
        }
        """
    },
}
TALK = "begun\n" + "".join(f"{n:09}\n" for n in range(100_000))
