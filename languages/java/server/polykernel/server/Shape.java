package polykernel.server;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.PrimitiveTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.type.TypeKind;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;

/**
 * What a query is: a whole program, or what a shell evaluates.
 *
 * <p>A program has a package, or a class with a main method and nothing beside its declarations.
 * {@code declared} is where its imports and declarations stand, for later queries to use them.
 */
record Shape(boolean isProgram, List<Part> declared) {
    /** A piece of the code. */
    record Part(int start, int end) {}

    static Shape of(String code, Compiler compiler) {
        var errors = new DiagnosticCollector<JavaFileObject>();
        return compiler.with(code, "", errors, null, task -> of(task, errors));
    }

    private static Shape of(JavacTask task, DiagnosticCollector<JavaFileObject> errors) {
        try {
            CompilationUnitTree unit = task.parse().iterator().next();
            boolean isWhole = errors.getDiagnostics().isEmpty() || !isCompact(unit);
            boolean isProgram = unit.getPackage() != null
                    || isWhole && hasMain(unit) && unit.getTypeDecls().stream().allMatch(Shape::isDeclared);
            return new Shape(isProgram, isProgram ? parts(unit, Trees.instance(task)) : List.of());
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static List<Part> parts(CompilationUnitTree unit, Trees trees) {
        SourcePositions positions = trees.getSourcePositions();
        List<Part> found = new ArrayList<>();
        Stream.of(unit.getImports(), declarations(unit)).flatMap(List::stream).forEach(tree ->
                found.add(new Part(
                        (int) positions.getStartPosition(unit, tree),
                        (int) positions.getEndPosition(unit, tree))));
        return found;
    }

    private static List<? extends Tree> declarations(CompilationUnitTree unit) {
        return isCompact(unit)
                ? ((ClassTree) unit.getTypeDecls().getFirst()).getMembers()
                : unit.getTypeDecls();
    }

    /** Whether javac has put a class around methods that have none. */
    private static boolean isCompact(CompilationUnitTree unit) {
        return unit.getTypeDecls().size() == 1
                && unit.getTypeDecls().getFirst() instanceof ClassTree type
                && type.getSimpleName().contentEquals(Typed.NAME.replace(".java", ""));
    }

    private static boolean isDeclared(Tree tree) {
        return tree instanceof ClassTree || tree.getKind() == Tree.Kind.EMPTY_STATEMENT;
    }

    private static boolean hasMain(CompilationUnitTree unit) {
        return unit.getTypeDecls().stream()
                .anyMatch(tree -> tree instanceof ClassTree type
                        && type.getMembers().stream().anyMatch(Shape::isMain));
    }

    private static boolean isMain(Tree member) {
        return member instanceof MethodTree method
                && method.getName().contentEquals("main")
                && method.getParameters().size() <= 1
                && method.getReturnType() instanceof PrimitiveTypeTree type
                && type.getPrimitiveTypeKind() == TypeKind.VOID;
    }
}
