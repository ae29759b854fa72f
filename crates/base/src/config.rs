//! Configuration files as trees that remember where each piece stood.
