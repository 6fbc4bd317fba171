"""Neural networks (extra ``deep``): a variational autoencoder for tables, T5 for texts.

What they make enters as frozen pools.
"""
