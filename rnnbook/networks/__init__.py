"""The networks: `reference` in NumPy as the equations stand, `models` in Keras, and how they are trained.

`reference` and `numpy_training` need NumPy alone; `models`, `training` and `fast` import Keras.
"""
