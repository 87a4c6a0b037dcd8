"""The two engines that train a batch: autograd for any network, a kernel for small ones."""
