package dev.lanewise.internal.sample;

/**
 * Tokens whose information is nearest to the expected one, the entropy, as few as have probability
 * p together ("Locally Typical Sampling", Meister et al. 2022, 4). The likeliest token may not be
 * among them.
 *
 * @param p 0 to 1
 */
record TypicalP(double p) implements CandidateFilter {

  @Override
  public void apply(Candidates candidates) {
    double sum = candidates.sum();
    double logSum = StrictMath.log(sum);
    double entropy = 0;
    for (int i = 0; i < candidates.size(); i++) {
      double weight = candidates.weight(i);
      if (weight > 0) {
        entropy += weight / sum * (logSum - candidates.key(i));
      }
    }
    for (int i = 0; i < candidates.size(); i++) {
      candidates.key(i, -Math.abs(logSum - candidates.key(i) - entropy));
    }
    candidates.keepGreatestKeys(p);
  }
}
