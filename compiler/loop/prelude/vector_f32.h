// Functions of vectors of floats.
