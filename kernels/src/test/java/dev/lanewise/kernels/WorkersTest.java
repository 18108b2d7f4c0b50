package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {

  @Test
  void runsEveryPartOnceOnItsOwnThread() {
    try (Workers workers = Workers.fixed(4)) {
      assertThat(workers.threads()).isEqualTo(4);
      for (int round = 0; round < 400; round++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(4);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        workers.run(
            (part, parts) -> {
              assertThat(parts).isEqualTo(4);
              runs.incrementAndGet(part);
              threads.add(Thread.currentThread());
            });
        for (int part = 0; part < 4; part++) {
          assertThat(runs.get(part)).isEqualTo(1);
        }
        assertThat(threads).hasSize(4).contains(Thread.currentThread());
      }
    }
  }

  @Test
  void startsDaemonsOnlyAndJoinsThemAtClose() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Workers workers = Workers.fixed(3);
    workers.run((part, parts) -> threads.add(Thread.currentThread()));
    threads.remove(Thread.currentThread());
    assertThat(threads).hasSize(2).allMatch(Thread::isDaemon).allMatch(Thread::isAlive);
    workers.close();
    workers.close();
    assertThat(threads).noneMatch(Thread::isAlive);
  }

  @Test
  void throwsWhatAPartThrewAfterAllPartsHaveFinished() {
    try (Workers workers = Workers.fixed(3)) {
      for (int failing = 0; failing < 3; failing++) {
        int bad = failing;
        AtomicInteger finished = new AtomicInteger();
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(
                () ->
                    workers.run(
                        (part, parts) -> {
                          if (part == bad) {
                            throw new UnsupportedOperationException("part " + part);
                          }
                          finished.incrementAndGet();
                        }))
            .withMessage("part " + bad);
        assertThat(finished).hasValue(2);
      }
      AtomicInteger runs = new AtomicInteger();
      workers.run((part, parts) -> runs.incrementAndGet());
      assertThat(runs).hasValue(3);
    }
  }

  @Test
  void aTaskWithinATaskRunsOnItsCallerAlone() {
    try (Workers workers = Workers.fixed(2)) {
      AtomicInteger inner = new AtomicInteger();
      workers.run(
          (part, parts) -> {
            Thread caller = Thread.currentThread();
            workers.run(
                (p, ps) -> {
                  assertThat(ps).isEqualTo(1);
                  assertThat(Thread.currentThread()).isSameAs(caller);
                  inner.incrementAndGet();
                });
          });
      assertThat(inner).hasValue(2);
    }
  }

  @Test
  void aCallerThatFindsThePoolBusyDoesTheWorkItself() throws InterruptedException {
    try (Workers workers = Workers.fixed(2)) {
      CountDownLatch started = new CountDownLatch(2);
      CountDownLatch release = new CountDownLatch(1);
      Thread other =
          Thread.ofPlatform()
              .start(
                  () ->
                      workers.run(
                          (part, parts) -> {
                            started.countDown();
                            awaitQuietly(release);
                          }));
      started.await();
      AtomicInteger runs = new AtomicInteger();
      workers.run((part, parts) -> runs.addAndGet(parts));
      assertThat(runs).hasValue(1);
      release.countDown();
      other.join();
    }
  }

  @Test
  void manyCallersShareAPool() throws InterruptedException {
    try (Workers workers = Workers.fixed(2)) {
      AtomicInteger work = new AtomicInteger();
      Thread[] callers = new Thread[4];
      for (int i = 0; i < callers.length; i++) {
        callers[i] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int round = 0; round < 500; round++) {
                        workers.run((part, parts) -> work.addAndGet(60 / parts));
                      }
                    });
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(work).hasValue(4 * 500 * 60);
    }
  }

  @Test
  void refusesWorkAfterClose() {
    Workers workers = Workers.fixed(2);
    workers.close();
    assertThatIllegalStateException().isThrownBy(() -> workers.run((part, parts) -> {}));
  }

  @Test
  void wakesThreadsThatHaveParked() throws InterruptedException {
    try (Workers workers = Workers.fixed(2)) {
      Thread[] worker = new Thread[1];
      workers.run(
          (part, parts) -> {
            if (part == 1) {
              worker[0] = Thread.currentThread();
            }
          });
      while (worker[0].getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      AtomicInteger runs = new AtomicInteger();
      workers.run((part, parts) -> runs.incrementAndGet());
      assertThat(runs).hasValue(2);
    }
  }

  @Test
  void aPoolOfOneUsesTheCallerAlone() {
    try (Workers workers = Workers.fixed(1)) {
      Thread[] ran = new Thread[1];
      workers.run((part, parts) -> ran[part] = Thread.currentThread());
      assertThat(ran).containsExactly(Thread.currentThread());
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Workers.fixed(0));
  }

  @Test
  void runAllocatesNothing() {
    AtomicInteger runs = new AtomicInteger();
    Workers.Task task = (part, parts) -> runs.incrementAndGet();
    try (Workers workers = Workers.fixed(2)) {
      assertThat(Allocation.perCall(() -> workers.run(task))).isZero();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
