"""What all pages that yololab writes have in common: one file, nothing from elsewhere, light, dark, phone and paper."""
