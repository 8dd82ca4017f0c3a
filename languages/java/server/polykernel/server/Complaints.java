package polykernel.server;

import javax.tools.Diagnostic;
import javax.tools.DiagnosticListener;
import javax.tools.JavaFileObject;

/** Prints what a compiler has found as javac does. */
final class Complaints implements DiagnosticListener<JavaFileObject> {
    private int errors;
    private int warnings;

    @Override
    public void report(Diagnostic<? extends JavaFileObject> found) {
        System.err.println(found);
        count(found.getKind() == Diagnostic.Kind.ERROR, found.getKind() == Diagnostic.Kind.WARNING);
    }

    void count(boolean isError, boolean isWarning) {
        errors += isError ? 1 : 0;
        warnings += isWarning ? 1 : 0;
    }

    void printCounts() {
        print(errors, "error");
        print(warnings, "warning");
    }

    private static void print(int count, String what) {
        if (count > 0) {
            System.err.println(count + " " + what + (count == 1 ? "" : "s"));
        }
    }
}
