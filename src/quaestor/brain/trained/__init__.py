"""The trained model: trained and online models, calibrated, pooled, held against costs, and watched for drift."""
