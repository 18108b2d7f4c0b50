package dev.lanewise.internal.sample;

/**
 * Tokens of at least p times the probability of the likeliest ("Turning Up the Heat: Min-p Sampling
 * for Creative and Coherent LLM Outputs", Nguyen et al. 2024, 3).
 *
 * @param p 0 to 1
 */
record MinP(double p) implements CandidateFilter {

  @Override
  public void apply(Candidates candidates) {
    candidates.keepFrom(p); // the likeliest token's weight is 1
  }
}
