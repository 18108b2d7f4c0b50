package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LifecycleTest {

  private final AtomicInteger freed = new AtomicInteger();
  private final Lifecycle lifecycle = new Lifecycle(freed::incrementAndGet);

  @Test
  void freesAtCloseIfNoCallRuns() {
    lifecycle.enter();
    lifecycle.exit();
    assertThat(freed).hasValue(0);
    lifecycle.close();
    assertThat(freed).hasValue(1);
    lifecycle.close();
    assertThat(freed).hasValue(1);
  }

  @Test
  void leavesTheFreeingToTheLastRunningCall() {
    lifecycle.enter();
    lifecycle.enter();
    lifecycle.close();
    lifecycle.exit();
    assertThat(freed).hasValue(0);
    lifecycle.exit();
    assertThat(freed).hasValue(1);
  }

  @Test
  void letsNoCallInAfterClose() {
    lifecycle.close();
    assertThatIllegalStateException().isThrownBy(lifecycle::enter).withMessageContaining("closed");
    assertThat(lifecycle.isClosed()).isTrue();
  }
}
