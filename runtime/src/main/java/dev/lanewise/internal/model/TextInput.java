package dev.lanewise.internal.model;

/**
 * What a model reads.
 *
 * @param ids checked against the vocabulary and the context length
 * @param truncated whether part of the text was cut off
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
public record TextInput(int[] ids, boolean truncated) {}
