package dev.lanewise.kernels.internal;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/**
 * Whether the JVM compiles fused multiply-add to one instruction, and {@code a * b + c}
 * accordingly.
 *
 * <p>Without the instruction {@link Math#fma} goes through BigDecimal, thousands of times slower,
 * so then every kernel multiplies, rounds, and adds. The JVM is asked rather than the CPU: {@code
 * -XX:UseAVX=0} switches FMA off on a CPU that has it.
 */
public final class Fma {

  /** True on x86 since 2013 and on every aarch64, unless flags say otherwise. */
  public static final boolean ENABLED = read();

  private Fma() {}

  /** a * b + c, with one rounding if {@link #ENABLED}. */
  public static float fma(float a, float b, float c) {
    return ENABLED ? Math.fma(a, b, c) : a * b + c;
  }

  private static boolean read() {
    try {
      HotSpotDiagnosticMXBean bean =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return bean == null || Boolean.parseBoolean(bean.getVMOption("UseFMA").getValue());
    } catch (IllegalArgumentException e) {
      return true; // a JVM without that bean or that flag
    }
  }
}
