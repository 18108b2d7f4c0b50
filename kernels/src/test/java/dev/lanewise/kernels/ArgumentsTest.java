package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.Matrix.Layout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad arguments are refused before a kernel writes anything. */
@Tag("interpreted")
class ArgumentsTest {

  private static final int N = 24;
  private static final long STRIDE = N * 4L;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment x = Memory.dense(arena, Memory.random(1, 4 * N));
  private final MemorySegment y = Memory.dense(arena, Memory.random(2, 4 * N));
  private final float[] before = Memory.read(y, 0, STRIDE, 4, N);
  private final MemorySegment heap = MemorySegment.ofArray(new float[4 * N]);
  private final Floats gain = new Floats(x, 0, N);

  static Stream<Kernels> backends() {
    return Backends.all().stream();
  }

  @AfterEach
  void nothingWasWritten() {
    assertThat(Memory.read(y, 0, STRIDE, 4, N)).isEqualTo(before);
    arena.close();
  }

  private static void illegal(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
  }

  private static void outOfBounds(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
  }

  /** A null is a bug of the caller that the compiler of this project finds. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T missing() {
    return null;
  }

  private static void isNull(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofRowsAreChecked(Kernels k) {
    illegal(() -> k.softmax(y, 0, 0));
    illegal(() -> k.softmax(heap, 0, N));
    outOfBounds(() -> k.softmax(y, 0, 4 * N + 1));
    outOfBounds(() -> k.softmax(y, -4, 2));
    illegal(() -> k.softmax(y, 0, -1));
    isNull(() -> k.softmax(missing(), 0, N));
    illegal(() -> k.logSumExp(x, 0, 0));
    illegal(() -> k.logSumExp(heap, 0, 1));
    outOfBounds(() -> k.logSumExp(x, 4 * STRIDE, 1));
    outOfBounds(() -> k.add(x, 4, x, 0, y, 0, 4 * N));
    outOfBounds(() -> k.add(x, 0, x, 4, y, 0, 4 * N));
    outOfBounds(() -> k.add(x, 0, x, 0, y, 4, 4 * N));
    illegal(() -> k.add(heap, 0, x, 0, y, 0, N));
    illegal(() -> k.add(x, 0, heap, 0, y, 0, N));
    illegal(() -> k.add(x, 0, x, 0, heap, 0, N));
    illegal(() -> k.add(x, 0, x, 0, y, 0, -1));
    isNull(() -> k.add(x, 0, missing(), 0, y, 0, N));
    outOfBounds(() -> k.addBias(y, 0, STRIDE, 0, 5, gain));
    outOfBounds(() -> k.addBias(y, 0, STRIDE, 2, 1, gain));
    outOfBounds(() -> k.addBias(y, 0, STRIDE, -1, 1, gain));
    illegal(() -> k.addBias(y, 0, STRIDE - 4, 0, 2, gain));
    isNull(() -> k.addBias(y, 0, STRIDE, 0, 1, missing()));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofLayerNormAreChecked(Kernels k) {
    Floats shorter = new Floats(x, 0, N - 1);
    illegal(() -> k.layerNorm(x, 0, STRIDE, 0, 4, gain, shorter, 1e-5f, y, 0, STRIDE));
    outOfBounds(() -> k.layerNorm(x, 0, STRIDE, 1, 5, gain, gain, 1e-5f, y, 0, STRIDE));
    outOfBounds(() -> k.layerNorm(x, 0, STRIDE, 0, 4, gain, gain, 1e-5f, y, 4, STRIDE));
    outOfBounds(() -> k.layerNorm(x, 4, STRIDE, 0, 4, gain, gain, 1e-5f, y, 0, STRIDE));
    illegal(() -> k.layerNorm(x, 0, 4, 0, 2, gain, gain, 1e-5f, y, 0, STRIDE));
    illegal(() -> k.layerNorm(heap, 0, STRIDE, 0, 1, gain, gain, 1e-5f, y, 0, STRIDE));
    illegal(() -> k.layerNorm(x, 0, STRIDE, 0, 1, gain, gain, 1e-5f, heap, 0, STRIDE));
    isNull(() -> k.layerNorm(x, 0, STRIDE, 0, 1, missing(), gain, 1e-5f, y, 0, STRIDE));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofActivationsAreChecked(Kernels k) {
    for (Activation a : Activation.values()) {
      outOfBounds(() -> k.activate(a, y, 0, STRIDE, 5, 0, N));
      illegal(() -> k.activate(a, y, 0, STRIDE, 4, 0, N + 1));
      outOfBounds(() -> k.activate(a, y, 0, STRIDE, 1, 0, 4 * N + 1));
      outOfBounds(() -> k.activate(a, y, 0, STRIDE, 4, 3, 2));
      outOfBounds(() -> k.activate(a, y, 0, STRIDE, 1, -1, 2));
      illegal(() -> k.activate(a, y, 0, STRIDE, -1, 0, N));
      illegal(() -> k.activate(a, y, 0, 8, 2, 0, N));
      illegal(() -> k.activate(a, heap, 0, STRIDE, 1, 0, N));
    }
    isNull(() -> k.activate(missing(), y, 0, STRIDE, 1, 0, N));
    isNull(() -> k.activate(Activation.TANH, missing(), 0, STRIDE, 1, 0, N));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofMatmulAreChecked(Kernels k) {
    for (Layout layout : Layout.values()) {
      Matrix w = new Matrix(x, 0, 4, N, layout);
      PackedRows packed = packed(k, 4, layout);
      Floats bias = new Floats(x, 0, N);
      Floats shorter = new Floats(x, 0, N - 1);
      outOfBounds(() -> k.matmul(packed, w, bias, false, y, 0, STRIDE, 0, N + 1));
      outOfBounds(() -> k.matmul(packed, w, bias, false, y, 0, STRIDE, -1, N));
      outOfBounds(() -> k.matmul(packed, w, bias, false, y, 0, STRIDE, 5, 4));
      outOfBounds(() -> k.matmul(packed, w, bias, false, y, 4, STRIDE, 0, N));
      outOfBounds(() -> k.matmul(packed, w, bias, false, y, -4, STRIDE, 0, N));
      outOfBounds(() -> k.matmul(packed, w, bias, false, y, 0, Long.MAX_VALUE / 2, 0, N));
      illegal(() -> k.matmul(packed, w, bias, false, y, 0, STRIDE - 1, 0, N));
      illegal(() -> k.matmul(packed, w, bias, true, y, 0, STRIDE, 0, N));
      illegal(() -> k.matmul(packed, w, shorter, false, y, 0, STRIDE, 0, N));
      illegal(() -> k.matmul(packed, w, bias, false, heap, 0, STRIDE, 0, N));
      illegal(() -> k.matmul(packed(k, 3, layout), w, bias, false, y, 0, STRIDE, 0, N));
      isNull(() -> k.matmul(packed, missing(), bias, false, y, 0, STRIDE, 0, N));
      isNull(() -> k.matmul(missing(), w, bias, false, y, 0, STRIDE, 0, N));
      isNull(() -> k.matmul(packed, w, bias, false, missing(), 0, STRIDE, 0, N));
      Layout other = layout.isDot() ? Layout.IN_OUT : Layout.OUT_IN;
      assertThatThrownBy(() -> k.matmul(packed(k, 4, other), w, bias, false, y, 0, STRIDE, 0, N))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rows are packed for " + other + ", weights are " + layout);
    }
  }

  private PackedRows packed(Kernels k, int in, Layout layout) {
    PackedRows packed = new PackedRows();
    packed.reset(4, in, layout);
    k.pack(x, 0, in * 4L, packed, 0, 4);
    return packed;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofPackAreChecked(Kernels k) {
    PackedRows packed = new PackedRows();
    packed.reset(20, 3, Layout.IN_OUT);
    outOfBounds(() -> k.pack(x, 0, 12, packed, 0, 21));
    outOfBounds(() -> k.pack(x, 0, 12, packed, -8, 8));
    outOfBounds(() -> k.pack(x, 0, 48, packed, 0, 20));
    illegal(() -> k.pack(x, 0, 12, packed, 4, 8));
    illegal(() -> k.pack(x, 0, 12, packed, 0, 9));
    illegal(() -> k.pack(x, 0, 8, packed, 0, 20));
    illegal(() -> k.pack(heap, 0, 12, packed, 0, 20));
    illegal(() -> packed.reset(-1, 3, Layout.IN_OUT));
    illegal(() -> packed.reset(1, -3, Layout.IN_OUT));
    isNull(() -> k.pack(missing(), 0, 12, packed, 0, 20));
    isNull(() -> k.pack(x, 0, 12, missing(), 0, 20));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofAttentionAreChecked(Kernels k) {
    KvCache c = new KvCache(arena, 2, 2, 4, 10); // rows of 8 values, 192 positions
    AttentionScratch s = new AttentionScratch(arena, 4);
    AttentionScratch other = new AttentionScratch(arena, 5);
    outOfBounds(() -> k.attention(x, 0, 32, 4, 189, c, 0, 0, 2, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 4, -1, c, 0, 0, 2, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 4, 0, c, 2, 0, 2, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 4, 0, c, -1, 0, 2, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 4, 0, c, 0, 0, 3, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 4, 0, c, 0, 1, 0, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 13, 0, c, 0, 0, 2, 1f, y, 0, 32, s));
    outOfBounds(() -> k.attention(x, 0, 32, 4, 0, c, 0, 0, 2, 1f, y, 0, 128, s));
    illegal(() -> k.attention(x, 0, 28, 4, 0, c, 0, 0, 2, 1f, y, 0, 32, s));
    illegal(() -> k.attention(x, 0, 32, 4, 0, c, 0, 0, 2, 1f, y, 0, 28, s));
    illegal(() -> k.attention(heap, 0, 32, 4, 0, c, 0, 0, 2, 1f, y, 0, 32, s));
    illegal(() -> k.attention(x, 0, 32, 4, 0, c, 0, 0, 2, 1f, heap, 0, 32, s));
    illegal(() -> k.attention(x, 0, 32, 4, 0, c, 0, 0, 2, 1f, y, 0, 32, other));
    isNull(() -> k.attention(x, 0, 32, 4, 0, missing(), 0, 0, 2, 1f, y, 0, 32, s));
    isNull(() -> k.attention(x, 0, 32, 4, 0, c, 0, 0, 2, 1f, y, 0, 32, missing()));
    outOfBounds(() -> k.appendKeysAndValues(x, 0, 32, 64, 7, 0, c, 0, 0, 2));
    outOfBounds(() -> k.appendKeysAndValues(x, 0, 32, 64, 4, 190, c, 0, 0, 2));
    outOfBounds(() -> k.appendKeysAndValues(x, 0, 32, 64, 4, 0, c, 2, 0, 2));
    outOfBounds(() -> k.appendKeysAndValues(x, 0, 32, 64, 4, 0, c, 0, -1, 2));
    illegal(() -> k.appendKeysAndValues(x, 0, 32, 16, 4, 0, c, 0, 0, 2));
    illegal(() -> k.appendKeysAndValues(heap, 0, 32, 64, 4, 0, c, 0, 0, 2));
    isNull(() -> k.appendKeysAndValues(missing(), 0, 32, 64, 4, 0, c, 0, 0, 2));
    illegal(() -> new KvCache(arena, 0, 2, 4, 10));
    illegal(() -> new KvCache(arena, 1, 2, 4, 0));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void ofEmptyCallsAreFine(Kernels k) {
    PackedRows none = new PackedRows();
    none.reset(0, 4, Layout.IN_OUT);
    k.pack(x, 0, 16, none, 0, 0);
    k.matmul(none, new Matrix(x, 0, 4, N, Layout.IN_OUT), null, false, y, 0, STRIDE, 0, N);
    k.add(x, 0, x, 0, y, 0, 0);
    k.addBias(y, 0, STRIDE, 2, 2, gain);
    k.layerNorm(x, 0, STRIDE, 1, 1, gain, gain, 1e-5f, y, 0, STRIDE);
    k.activate(Activation.GELU_TANH, y, 0, STRIDE, 4, 7, 7);
    k.activate(Activation.GELU_TANH, y, 0, STRIDE, 0, 0, N);
    KvCache c = new KvCache(arena, 2, 2, 4, 10);
    AttentionScratch s = new AttentionScratch(arena, 4);
    k.appendKeysAndValues(x, 0, 32, 64, 0, 3, c, 0, 0, 2);
    k.attention(x, 0, 32, 0, 3, c, 0, 0, 2, 1f, y, 0, 32, s);
    k.attention(x, 0, 32, 4, 0, c, 0, 1, 1, 1f, y, 0, 32, s);
  }
}
