package dev.lanewise.kernels;

/** No threads of its own: everything runs on the caller's. */
final class SequentialWorkers extends Workers {

  static final SequentialWorkers INSTANCE = new SequentialWorkers();

  private SequentialWorkers() {}

  @Override
  public int threads() {
    return 1;
  }

  @Override
  public void run(Task task) {
    task.run(0, 1);
  }

  @Override
  public void close() {}
}
