package polykernel.server;

import static java.lang.classfile.ClassTransform.transformingMethodBodies;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.constant.ClassDesc;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.StreamSupport;
import polykernel.server.Wrapped.Lines;

/** What is changed in the user's classes before they are loaded. */
final class Bytecode {
    private static final ClassDesc STOP = Stop.class.describeConstable().orElseThrow();
    private static final Set<String> CATCHING_ALL = Set.of("java/lang/Throwable", "java/lang/Error");

    private Bytecode() {}

    /** A class in which {@code catch (Throwable all)} does not catch {@link Stop}. */
    static byte[] stoppable(byte[] content, ClassLoader loader) {
        var format = format(loader);
        var model = format.parse(content);
        boolean catches = StreamSupport.stream(model.constantPool().spliterator(), false)
                .anyMatch(entry -> entry instanceof ClassEntry type && catchesAll(type));
        return catches ? format.transformClass(model, rethrowing()) : content;
    }

    /** The same, and its traces tell the lines of a query and not of its wrapper. */
    static byte[] relocated(byte[] content, Lines lines, ClassLoader loader) {
        var file = SourceFileAttribute.of(lines.origin().query());
        CodeTransform numbers = (builder, element) -> builder.with(element instanceof LineNumber number
                ? LineNumber.of(lines.inQuery(number.line()))
                : element);
        ClassTransform source = (builder, element) -> builder.with(
                element instanceof SourceFileAttribute ? file : element);
        var format = format(loader);
        return format.transformClass(format.parse(content),
                transformingMethodBodies(numbers).andThen(source).andThen(rethrowing()));
    }

    private static ClassFile format(ClassLoader loader) {
        return ClassFile.of(ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(loader)));
    }

    private static boolean catchesAll(ClassEntry type) {
        return CATCHING_ALL.contains(type.asInternalName());
    }

    private static ClassTransform rethrowing() {
        return transformingMethodBodies(CodeTransform.ofStateful(Rethrowing::new));
    }

    /** Begins each handler with: if it is a stop, throw it on. */
    private static final class Rethrowing implements CodeTransform {
        private final Set<Label> handlers = new HashSet<>();

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            builder.with(element);
            if (element instanceof ExceptionCatch handler
                    && handler.catchType().filter(Bytecode::catchesAll).isPresent()) {
                handlers.add(handler.handler());
            } else if (element instanceof LabelTarget target && handlers.contains(target.label())) {
                Label other = builder.newLabel();
                builder.dup().instanceOf(STOP).ifeq(other).athrow().labelBinding(other);
            }
        }
    }
}
