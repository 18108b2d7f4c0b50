package dev.lanewise.bench.peak;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.LongAccumulator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The two limits of a kernel: how fast the machine multiplies and adds in registers, and how fast
 * it reads memory. Kernels are reported as a part of these.
 *
 * <p>Both loops do nothing else and keep all values in registers. The best of several repetitions
 * counts, because whatever disturbs a repetition only makes it slower.
 */
public final class PeakProbe {

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  /** Far more than any cache. */
  private static final long READ_BYTES = 256L << 20;

  /** Independent chains: more than latency times units of today's cores (4 x 2). */
  private static final int CHAINS = 12;

  private static final int FMA_ROUNDS = 2_000_000;
  private static final int REPETITIONS = 12;

  private PeakProbe() {}

  /** Measures one after the other for 1 to {@code maxThreads} threads; about a second each. */
  public static List<Peak> measure(int maxThreads) {
    List<Peak> peaks = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(READ_BYTES, 64);
      memory.fill((byte) 0);
      for (int threads = 1; threads <= maxThreads; threads++) {
        int n = threads;
        double flops = 2.0 * LANES * CHAINS * FMA_ROUNDS * n;
        double gflops = flops / bestNanos(n, part -> multiplyAdd(FMA_ROUNDS, 0.5f));
        long nanos = bestNanos(n, part -> sum(memory, from(part, n), from(part + 1, n)));
        peaks.add(new Peak(n, gflops, (double) READ_BYTES / nanos));
      }
    }
    return peaks;
  }

  private static long from(int part, int parts) {
    long unit = 4L * LANES * Float.BYTES;
    return READ_BYTES / unit * part / parts * unit;
  }

  /** A part of the work; the value is returned so that the work can't be left out. */
  @FunctionalInterface
  private interface Part {
    float run(int part);
  }

  /** Shortest time from the first start to the last end. */
  private static long bestNanos(int threads, Part work) {
    CyclicBarrier barrier = new CyclicBarrier(threads);
    LongAccumulator[] starts = new LongAccumulator[REPETITIONS];
    LongAccumulator[] ends = new LongAccumulator[REPETITIONS];
    for (int i = 0; i < REPETITIONS; i++) {
      starts[i] = new LongAccumulator(Math::min, Long.MAX_VALUE);
      ends[i] = new LongAccumulator(Math::max, Long.MIN_VALUE);
    }
    long origin = System.nanoTime();
    float[] sinks = new float[threads];
    List<Thread> others = new ArrayList<>();
    for (int part = 1; part < threads; part++) {
      int p = part;
      others.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> sinks[p] = repeat(p, work, barrier, origin, starts, ends)));
    }
    sinks[0] = repeat(0, work, barrier, origin, starts, ends);
    long best = Long.MAX_VALUE;
    try {
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
    for (int i = 0; i < REPETITIONS; i++) {
      best = Math.min(best, ends[i].get() - starts[i].get());
    }
    for (float sink : sinks) {
      if (Float.isNaN(sink)) {
        throw new IllegalStateException("the probe computed nonsense");
      }
    }
    return best;
  }

  private static float repeat(
      int part,
      Part work,
      CyclicBarrier barrier,
      long origin,
      LongAccumulator[] starts,
      LongAccumulator[] ends) {
    float sink = 0;
    try {
      for (int i = 0; i < REPETITIONS; i++) {
        barrier.await();
        starts[i].accumulate(System.nanoTime() - origin);
        sink += work.run(part);
        ends[i].accumulate(System.nanoTime() - origin);
      }
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException("interrupted while measuring", e);
    }
    return sink;
  }

  /** x = x * factor + 0.5 in {@link #CHAINS} independent chains; tends to 1. */
  private static float multiplyAdd(int rounds, float start) {
    FloatVector factor = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector a = FloatVector.broadcast(SPECIES, start);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    FloatVector e = a;
    FloatVector f = a;
    FloatVector g = a;
    FloatVector h = a;
    FloatVector i = a;
    FloatVector j = a;
    FloatVector k = a;
    FloatVector l = a;
    for (int round = 0; round < rounds; round++) {
      a = a.fma(factor, factor);
      b = b.fma(factor, factor);
      c = c.fma(factor, factor);
      d = d.fma(factor, factor);
      e = e.fma(factor, factor);
      f = f.fma(factor, factor);
      g = g.fma(factor, factor);
      h = h.fma(factor, factor);
      i = i.fma(factor, factor);
      j = j.fma(factor, factor);
      k = k.fma(factor, factor);
      l = l.fma(factor, factor);
    }
    FloatVector s = a.add(b).add(c).add(d).add(e).add(f);
    return s.add(g).add(h).add(i).add(j).add(k).add(l).lane(0);
  }

  /** Adds all floats of bytes [from, to), a multiple of four vectors. */
  private static float sum(MemorySegment memory, long from, long to) {
    long vector = (long) LANES * Float.BYTES;
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (long at = from; at < to; at += 4 * vector) {
      a = a.add(FloatVector.fromMemorySegment(SPECIES, memory, at, ByteOrder.LITTLE_ENDIAN));
      b =
          b.add(
              FloatVector.fromMemorySegment(SPECIES, memory, at + vector, ByteOrder.LITTLE_ENDIAN));
      c =
          c.add(
              FloatVector.fromMemorySegment(
                  SPECIES, memory, at + 2 * vector, ByteOrder.LITTLE_ENDIAN));
      d =
          d.add(
              FloatVector.fromMemorySegment(
                  SPECIES, memory, at + 3 * vector, ByteOrder.LITTLE_ENDIAN));
    }
    return a.add(b).add(c).add(d).lane(0);
  }
}
