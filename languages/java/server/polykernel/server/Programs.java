package polykernel.server;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import jdk.internal.misc.MethodFinder;
import polykernel.EntryPoints;

/** Compiles and runs queries that are programs. */
final class Programs {
    private final Compiler compiler;
    private final Libraries libraries;

    Programs(Compiler compiler, Libraries libraries) {
        this.compiler = compiler;
        this.libraries = libraries;
    }

    /** Returns the exit code. */
    int run(String code, Work work) {
        var classes = new Memory(libraries);
        var entryPoints = new EntryPoints();
        String main;
        try {
            if (!compile(code, classes, entryPoints)) {
                return 1;
            }
            main = entryPoints.choose(System.getenv("MAIN_CLASS"));
        } catch (IllegalArgumentException wrongOption) {
            System.err.println(wrongOption.getMessage());
            return 2;
        } catch (EntryPoints.Unclear unclear) {
            System.err.println("error: " + unclear.getMessage());
            return 1;
        }
        try {
            return run(main, classes, work);
        } finally {
            work.end();
        }
    }

    private static int run(String main, ClassLoader classes, Work work) {
        int exitCode = 0;
        try {
            work.call(classes, () -> start(classes.loadClass(main)));
        } catch (Work.Interrupted interrupted) {
            throw interrupted;
        } catch (Throwable error) {
            Trace.print("main", error instanceof InvocationTargetException ? error.getCause() : error);
            exitCode = 1;
        }
        work.await();
        return exitCode;
    }

    private boolean compile(String code, Memory classes, EntryPoints entryPoints) {
        var complaints = new Complaints();
        boolean isFine = compiler.with(code, libraries.classPath(), complaints, classes, task -> {
            entryPoints.watch(task);
            return task.call();
        });
        complaints.printCounts();
        return isFine;
    }

    private static Object start(Class<?> type) throws ReflectiveOperationException {
        Method main = MethodFinder.findMainMethod(type);
        main.setAccessible(true);
        Object on = null;
        if (!Modifier.isStatic(main.getModifiers())) {
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            on = constructor.newInstance();
        }
        return main.getParameterCount() == 0 ? main.invoke(on) : main.invoke(on, (Object) new String[0]);
    }
}
