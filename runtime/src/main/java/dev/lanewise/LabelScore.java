package dev.lanewise;

/**
 * One class of a classification.
 *
 * @param label its name
 * @param labelId its row in the classification head
 * @param logit the head's output
 * @param logProbability natural logarithm of the probability, at most 0; NaN where the head is a
 *     regression
 * @param probability 0 to 1: softmax over the labels, or sigmoid of this one where several may
 *     hold; NaN where the head is a regression
 */
public record LabelScore(
    String label, int labelId, float logit, double logProbability, double probability) {}
