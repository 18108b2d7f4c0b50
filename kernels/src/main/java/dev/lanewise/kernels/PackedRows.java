package dev.lanewise.kernels;

import java.util.Arrays;

/**
 * The left operand of a matmul, copied once per call into the order that the kernel reads: for
 * {@link Matrix.Layout#OUT_IN} rows of k floats; for the other layouts panels of 8, 4, 2 or 1 rows,
 * each {@code (k, rows)}, so that one index register serves all broadcasts of a panel.
 *
 * <p>For weights of type {@link DType#I8A8} rows are rounded: the scale s of a row is its largest
 * magnitude / 127, or 0 if that is subnormal, and x is the nearest integer to x * (1 / s), ties to
 * even, kept as a float. A row that holds a NaN or infinity becomes NaN.
 *
 * <p>A reusable buffer: not thread-safe, but several threads may pack different rows of it.
 */
public final class PackedRows {

  private float[] data = new float[0];
  private float[] scales = new float[0];
  private boolean rounded;
  private int rows;
  private int in;
  private Matrix.Layout layout = Matrix.Layout.IN_OUT;

  /** An empty buffer, which grows at {@link #reset}. */
  public PackedRows() {}

  /**
   * Declares what comes next. Allocates only if the buffer was never this large.
   *
   * @param rows of x
   * @param in elements of a row
   * @param layout of the matrix that x will be multiplied with
   */
  public void reset(int rows, int in, Matrix.Layout layout) {
    if (rows < 0 || in < 0) {
      throw new IllegalArgumentException("negative size: rows " + rows + ", in " + in);
    }
    int size = Math.multiplyExact(rows, in);
    if (data.length < size) {
      data = Arrays.copyOf(data, size);
    }
    this.rows = rows;
    this.in = in;
    this.layout = layout;
    rounded = false;
  }

  /**
   * Declares what comes next, for one matrix or several of the same layout and type.
   *
   * @param rows of x
   */
  public void reset(int rows, Matrix w) {
    reset(rows, w.in(), w.layout());
    rounded = w.type() == DType.I8A8;
    if (rounded && scales.length < rows) {
      scales = Arrays.copyOf(scales, rows);
    }
  }

  /** Whether rows are rounded to integers. */
  public boolean isRounded() {
    return rounded;
  }

  /** Scale of each row, if rows are rounded. */
  public float[] scales() {
    return scales;
  }

  /** The packed floats: row r's panel begins at {@code r' * in}, r' the panel's first row. */
  public float[] data() {
    return data;
  }

  /** Rows of x. */
  public int rows() {
    return rows;
  }

  /** Elements of a row. */
  public int in() {
    return in;
  }

  /** Layout of the matrix that the rows are packed for. */
  public Matrix.Layout layout() {
    return layout;
  }

  /**
   * Height of the panel that begins at row {@code row}: the largest of 8, 4, 2, 1 that still fits.
   * Panels begin at row 0; all but the last few have 8 rows.
   */
  public int panelRows(int row) {
    int left = rows - row;
    return left >= 8 ? 8 : Integer.highestOneBit(left);
  }

  /** First row of the panel that holds row {@code row}. */
  public int panelStart(int row) {
    int start = row & -8;
    while (start + panelRows(start) <= row) {
      start += panelRows(start);
    }
    return start;
  }
}
