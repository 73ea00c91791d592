"""How Lianban is run: on one machine (`local`), in containers (`docker`, `k8s`), and by hand (`command_line`)."""
