package polykernel;

import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.util.ElementFilter;
import javax.tools.JavaFileObject;

/** The classes of a program that the java launcher can start, in the order of the sources. */
public final class EntryPoints {
    /** There is none, or no telling which. */
    public static final class Unclear extends Exception {
        Unclear(String message) {
            super(message);
        }
    }

    private final Map<String, JavaFileObject> found = new LinkedHashMap<>();

    /** Looks at every class of this task once javac has understood it. */
    public void watch(JavacTask task) {
        task.addTaskListener(new TaskListener() {
            @Override
            public void finished(TaskEvent event) {
                TypeElement type = event.getTypeElement();
                if (event.getKind() == TaskEvent.Kind.ANALYZE && type != null && starts(type)) {
                    found.put(task.getElements().getBinaryName(type).toString(), event.getSourceFile());
                }
            }
        });
    }

    /** The class to start: the one wished for, Main, the only one, or the first of the only file. */
    public String choose(String wished) throws Unclear {
        if (wished != null && !wished.isEmpty()) {
            return wished;
        }
        if (found.isEmpty()) {
            throw new Unclear("no class has a main method that can be started,"
                    + " such as: public static void main(String[] args)");
        }
        List<String> mains = found.keySet().stream()
                .filter(name -> name.equals("Main") || name.endsWith(".Main")).toList();
        if (mains.size() == 1) {
            return mains.getFirst();
        }
        if (Set.copyOf(found.values()).size() == 1) {
            return found.keySet().iterator().next();
        }
        throw new Unclear("several classes have a main method: " + String.join(", ", found.keySet())
                + "; name one of them Main, or set the environment variable MAIN_CLASS");
    }

    private static boolean starts(TypeElement type) {
        return ElementFilter.methodsIn(type.getEnclosedElements()).stream()
                .anyMatch(method -> isMain(method) && (isStatic(method) || isConstructible(type)));
    }

    private static boolean isMain(ExecutableElement method) {
        return method.getSimpleName().contentEquals("main")
                && !method.getModifiers().contains(Modifier.PRIVATE)
                && method.getReturnType().getKind() == TypeKind.VOID
                && (method.getParameters().isEmpty() || takesArguments(method));
    }

    private static boolean takesArguments(ExecutableElement method) {
        return method.getParameters().size() == 1
                && method.getParameters().getFirst().asType() instanceof ArrayType array
                && array.getComponentType().toString().equals("java.lang.String");
    }

    private static boolean isStatic(Element method) {
        return method.getModifiers().contains(Modifier.STATIC);
    }

    private static boolean isConstructible(TypeElement type) {
        return type.getKind() == ElementKind.CLASS
                && !type.getModifiers().contains(Modifier.ABSTRACT)
                && ElementFilter.constructorsIn(type.getEnclosedElements()).stream().anyMatch(
                        made -> made.getParameters().isEmpty()
                                && !made.getModifiers().contains(Modifier.PRIVATE));
    }
}
