package polykernel.server;

import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** A value that is seen rather than read. */
final class Picture {
    private Picture() {}

    /** As PNG; null if the value is no picture, or none that PNG can hold. */
    static byte[] png(Object value) {
        if (!(value instanceof RenderedImage image)) {
            return null;
        }
        var content = new ByteArrayOutputStream();
        try {
            return ImageIO.write(image, "png", content) ? content.toByteArray() : null;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
