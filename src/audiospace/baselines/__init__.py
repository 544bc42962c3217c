"""The simplest systems: what every table needs beside a model."""
