package dev.lanewise.kernels;

import dev.lanewise.kernels.internal.Fma;
import dev.lanewise.kernels.internal.scalar.ScalarKernels;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.InvocationTargetException;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a backend, once per mode. The vector backend is loaded by name, so that nothing here
 * needs the incubator module.
 */
final class KernelProvider {

  static final String FLAG = "--add-modules jdk.incubator.vector";

  private static final String MODULE = "jdk.incubator.vector";
  private static final String VECTOR_API = MODULE + ".FloatVector";
  private static final String VECTOR_KERNELS = "dev.lanewise.kernels.internal.vector.VectorKernels";
  private static final Logger LOGGER = System.getLogger("dev.lanewise.kernels");

  static final Kernels SCALAR = new ScalarKernels();

  private static @Nullable Kernels chosen;
  private static @Nullable Kernels vector;
  private static @Nullable Kernels automatic;

  private KernelProvider() {}

  static synchronized Kernels chosen() {
    Kernels kernels = chosen;
    if (kernels == null) {
      kernels = select(mode());
      chosen = kernels;
    }
    return kernels;
  }

  static KernelMode mode() {
    return KernelMode.of(System.getProperty(KernelMode.PROPERTY, "auto"));
  }

  static synchronized Kernels select(KernelMode mode) {
    return switch (mode) {
      case AUTO -> automatic();
      case VECTOR -> vector();
      case SCALAR -> SCALAR;
    };
  }

  /** Says at most one warning in the life of the JVM. */
  private static Kernels automatic() {
    Kernels kernels = automatic;
    if (kernels == null) {
      kernels = vectorOrScalar();
      automatic = kernels;
    }
    return kernels;
  }

  private static Kernels vectorOrScalar() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      LOGGER.log(
          Level.WARNING,
          "running on scalar kernels, several times slower than vector ones: start Java with "
              + FLAG);
      return logged(SCALAR);
    }
    try {
      return vector();
    } catch (IllegalStateException e) {
      LOGGER.log(Level.WARNING, "running on scalar kernels in spite of " + FLAG, e);
      return logged(SCALAR);
    }
  }

  static synchronized Kernels vector() {
    Kernels kernels = vector;
    if (kernels == null) {
      kernels = logged(loadVectorKernels());
      vector = kernels;
    }
    return kernels;
  }

  private static Kernels loadVectorKernels() {
    try {
      // The kernels' class loads without the module and would fail at the first call only.
      Class.forName(VECTOR_API);
      return Class.forName(VECTOR_KERNELS).asSubclass(Kernels.class).getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(
          "vector kernels are not available: " + e.getTargetException().getMessage(),
          e.getTargetException());
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new IllegalStateException(
          "vector kernels are not available: start Java with " + FLAG, e);
    }
  }

  private static Kernels logged(Kernels kernels) {
    LOGGER.log(
        Level.DEBUG,
        () ->
            "kernels: %s, %d bits, %s"
                .formatted(kernels.name(), kernels.vectorBits(), Fma.ENABLED ? "FMA" : "no FMA"));
    return kernels;
  }
}
