package dev.lanewise;

import java.util.OptionalDouble;

/**
 * One token of a scored text.
 *
 * @param id of the token
 * @param text of the token alone
 * @param logProb natural logarithm of its probability given all before it; empty for the first
 *     token of all, which has nothing before it
 */
public record TokenScore(int id, String text, OptionalDouble logProb) {}
