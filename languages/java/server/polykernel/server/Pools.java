package polykernel.server;

import java.lang.reflect.Field;
import java.util.concurrent.ThreadPoolExecutor;

/** Thread pools replace each thread that is stopped: they must be told to end. */
final class Pools {
    private static final Field HOLDER = open(Thread.class, "holder");
    private static final Field TASK = open(HOLDER.getType(), "task");

    private Pools() {}

    /** Ends the pool that a thread is of, if any. */
    static void shutDown(Thread thread) {
        try {
            Object task = TASK.get(HOLDER.get(thread));
            if (task != null && task.getClass().getEnclosingClass() == ThreadPoolExecutor.class) {
                ((ThreadPoolExecutor) open(task.getClass(), "this$0").get(task)).shutdownNow();
            }
        } catch (IllegalAccessException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static Field open(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
