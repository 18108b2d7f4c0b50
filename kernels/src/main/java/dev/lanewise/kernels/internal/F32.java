package dev.lanewise.kernels.internal;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The layout of every float in native memory: little-endian, aligned or not. */
public final class F32 {

  /** For reads, writes and copies. */
  public static final ValueLayout.OfFloat LAYOUT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private F32() {}
}
