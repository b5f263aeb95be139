"""Commands on the installation: demonstration and self-diagnosis."""
