package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("interpreted")
class SelfTestTest {

  @Test
  void findsNothingWrongWithTheBackendsOfThisJvm() {
    for (Kernels kernels : Backends.all()) {
      assertThat(SelfTest.failures(kernels)).as(kernels.name()).isEmpty();
    }
  }

  @Test
  void findsAKernelThatIsWrongInOneBit() {
    for (String method :
        new String[] {"matmul", "activate", "layerNorm", "add", "softmax", "attention"}) {
      assertThat(SelfTest.failures(broken(method)))
          .as(method)
          .isNotEmpty()
          .allMatch(failure -> failure.contains("broken kernels give"));
    }
  }

  @Test
  void reportsAKernelThatThrows() {
    Kernels kernels = Kernels.scalar();
    Kernels throwing =
        proxy(
            (proxy, method, arguments) -> {
              if (method.getName().equals("softmax")) {
                throw new IllegalStateException("no softmax today");
              }
              return invoke(kernels, method, arguments);
            });
    assertThat(SelfTest.failures(throwing))
        .singleElement()
        .asString()
        .contains("softmax")
        .contains("no softmax today");
  }

  /** The scalar kernels, but the last segment that {@code wrong} writes has a bit flipped. */
  private static Kernels broken(String wrong) {
    Kernels kernels = Kernels.scalar();
    return proxy(
        (proxy, method, arguments) -> {
          if (method.getName().equals("name")) {
            return "broken";
          }
          Object result = invoke(kernels, method, arguments);
          if (method.getName().equals(wrong)) {
            MemorySegment written = lastSegment(arguments);
            long at = written.byteSize() / 8 * 4;
            float value = written.get(Memory.LAYOUT, at);
            written.set(Memory.LAYOUT, at, Math.nextUp(value));
          }
          return result;
        });
  }

  private static MemorySegment lastSegment(Object[] arguments) {
    for (int i = arguments.length - 1; i >= 0; i--) {
      if (arguments[i] instanceof MemorySegment segment) {
        return segment;
      }
    }
    throw new IllegalArgumentException("no segment among the arguments");
  }

  private static Object invoke(Kernels kernels, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(kernels, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static Kernels proxy(InvocationHandler handler) {
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, handler);
  }
}
